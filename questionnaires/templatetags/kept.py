"""{% kept %}: what looks the same for everyone is drawn once."""

from django import template
from django.template.base import token_kwargs
from django.utils.translation import get_language

register = template.Library()

_MOST = 5_000  # fragments of 1 to 5 kB
_kept: dict[tuple, str] = {}


@register.tag
def kept(parser, token):
    """Draw the content once for each set of values and each language, and keep it in this process.

    {% kept severity=card.severity number=card.number %}...{% endkept %}

    The content sees the named values and nothing else, so it cannot tell one person anything about another, and it is
    never out of date. The values must be hashable.
    """
    bits = token.split_contents()[1:]
    values = token_kwargs(bits, parser)
    if not values or bits:
        raise template.TemplateSyntaxError("{% kept %} takes name=value pairs, at least one.")
    nodes = parser.parse(["endkept"])
    parser.delete_first_token()
    return KeptNode(values, nodes)


class KeptNode(template.Node):
    def __init__(self, values, nodelist):
        self.values, self.nodelist = values, nodelist

    def render(self, context):
        values = {name: value.resolve(context) for name, value in self.values.items()}
        key = (self, get_language(), *values.values())
        drawn = _kept.get(key)
        if drawn is None:
            drawn = self.nodelist.render(context.new(values))
            if len(_kept) >= _MOST:
                _kept.clear()
            _kept[key] = drawn
        return drawn
