// What the pages do beyond htmx: say when a save failed, offer another try, and warn before leaving with something unsaved.
(() => {
  "use strict";
  const sent = new WeakMap(); // card -> what was last saved from it
  const dirty = new Set(); // cards with something typed that no answer has confirmed; each is marked data-dirty
  const mark = (card) => { dirty.add(card); card.dataset.dirty = ""; };
  const unmark = (card) => { dirty.delete(card); delete card.dataset.dirty; };

  const words = document.querySelector("[data-unsaved]")?.dataset ?? {}; // what is said when a save fails

  const cardOf = (element) => element.closest("[data-card]");
  const inputsOf = (card) =>
    [...card.querySelectorAll("input:not([type=hidden]), textarea, select")]
      .filter((input) => !["radio", "checkbox"].includes(input.type) || input.checked)
      .map((input) => `${input.name}=${input.value}`)
      .join("\n");

  const isElsewhere = (xhr, pathInfo) =>
    new URL(xhr.responseURL).pathname !== new URL(pathInfo.requestPath, document.baseURI).pathname;

  const remember = () => document.querySelectorAll("[data-card]").forEach((card) => sent.set(card, inputsOf(card)));

  // A text that was saved while it was typed fires "change" again when it is left: nothing new, nothing to send.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const card = cardOf(event.target);
    if (!card || event.detail.requestConfig.verb === "get") return;
    const now = inputsOf(card);
    if (sent.get(card) === now && !dirty.has(card)) event.preventDefault();
    else card.dataset.sending = now;
  });

  document.addEventListener("input", (event) => {
    const card = cardOf(event.target);
    if (card) mark(card);
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const card = cardOf(event.target);
    if (!card) return;
    const { xhr, pathInfo } = event.detail;
    // A conflict (409) or an invalid text (422) is shown, which htmx calls successful: it is not saved for all that.
    if (!(xhr.status >= 200 && xhr.status < 300) || isElsewhere(xhr, pathInfo)) return;
    sent.set(card, card.dataset.sending);
    if (inputsOf(card) === card.dataset.sending) unmark(card);
  });

  const failed = (card, text) => {
    const line = card.querySelector(".save-line");
    line.querySelectorAll(":scope > :not(input)").forEach((child) => child.remove());
    const message = document.createElement("p");
    message.className = "field-error";
    message.textContent = text;
    const retry = document.createElement("button");
    retry.type = "button";
    retry.className = "btn btn-sm btn-outline-secondary";
    retry.textContent = words.retry;
    retry.addEventListener("click", () => window.htmx.trigger(card, "change"));
    line.append(message, retry);
  };
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => {
      const card = cardOf(event.target);
      if (card) failed(card, words.unsaved);
    });
  }
  document.addEventListener("htmx:responseError", (event) => {
    const card = cardOf(event.target);
    if (!card || [409, 422].includes(event.detail.xhr.status)) return;
    const gone = [401, 403, 404].includes(event.detail.xhr.status);
    failed(card, gone ? words.gone : words.unsaved);
  });

  // Signed out meanwhile: the save was redirected to the sign-in page, which is no line of a card.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const card = cardOf(event.target);
    if (!card || !isElsewhere(event.detail.xhr, event.detail.pathInfo)) return;
    event.detail.shouldSwap = false;
    failed(card, words.gone);
  });

  window.addEventListener("beforeunload", (event) => {
    if ([...dirty].some((card) => card.isConnected)) event.preventDefault();
  });
  document.addEventListener("submit", () => dirty.clear()); // the page's own button posts every card
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-reload]")) unmark(cardOf(event.target));
  });

  // On a narrow screen the list of sections stands before the questions: folded until it is asked for.
  const narrow = window.matchMedia("(max-width: 62rem)");
  let isFolded = narrow.matches;
  const fold = () => {
    const sections = document.querySelector(".sections");
    if (!sections) return;
    sections.open = !isFolded;
    sections.addEventListener("toggle", () => { isFolded = !sections.open; });
  };
  narrow.addEventListener("change", () => { isFolded = narrow.matches; fold(); });
  document.addEventListener("htmx:oobAfterSwap", fold);
  fold();
  remember();
})();
