import pytest

from questionnaires.reporting.cutting import LONG_ENOUGH, pieces


def test_body_is_cut_between_blocks_on_any_depth():
    body = '<p>a</p><!--part--><section class="x" id="i"><h2>t</h2><p>b&amp;</p><!--part--><p>c</p></section>\n'

    assert list(pieces(body)) == [
        "<p>a</p>",
        '<section class="x" id="i"><h2>t</h2><p>b&amp;</p></section>',
        '<section class="x" data-continued="yes"><p>c</p></section>\n',
    ]


def test_cuts_beside_each_other_leave_no_empty_piece():
    assert list(pieces("<!--part--><p>a</p><!--part--> <!--part--><!-- part --><p>b</p>")) == [
        "<p>a</p>",
        "<!-- part --><p>b</p>",
    ]


def test_attributes_keep_their_quotes_when_opened_again():
    assert list(pieces('<div title="&quot;&lt;">a<!--part-->b</div>')) == [
        '<div title="&quot;&lt;">a</div>',
        '<div title=\'"&lt;\' data-continued="yes">b</div>',
    ]


def test_body_that_is_no_xml_stays_whole():
    assert list(pieces("<p>a<br></p><!--part--><p>b</p>")) == ["<p>a<br></p><!--part--><p>b</p>"]


@pytest.mark.parametrize("seam", ["seam", "seam within"])
def test_a_seam_is_cut_where_the_piece_is_long_enough(seam):
    long = "x" * LONG_ENOUGH[seam]

    assert list(pieces(f"<p>a</p><!--{seam}--><p>{long}</p><!--{seam}--><p>b</p><!--{seam}--><p>c</p>")) == [
        f"<p>a</p><!--{seam}--><p>{long}</p>",
        f"<p>b</p><!--{seam}--><p>c</p>",
    ]
