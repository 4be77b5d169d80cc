// The editor beyond htmx: keys and dragging in lists, the picker of citations, counts, and where the keyboard goes.
// Saving and what may go wrong with it is frcheck.js, as on the pages of respondents.
(() => {
  "use strict";
  const editor = document.getElementById("editor");
  const tree = document.getElementById("tree");
  const panel = document.getElementById("panel");
  const words = editor.dataset;
  const isFolding = new Set(); // ids of folded sections: they stay so when the tree is drawn anew

  const say = (text) => { document.getElementById("ed-said").textContent = text; };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const links = () => [...editor.querySelectorAll("#tree a[id^=node-]")].filter((link) => link.offsetParent !== null);
  const nameOf = (item) => item.querySelector(".ed-text, strong, [role=group]")?.textContent.trim().slice(0, 80) || "";

  // --- lists: one tab stop, arrows go through it, Alt with arrows moves -----------------------------------------------

  let current = null;
  const stop = (link) => {
    tree.querySelectorAll("a[id^=node-]").forEach((other) => { other.tabIndex = other === link ? 0 : -1; });
    current = link?.id ?? null;
  };
  const markOpen = () => {
    const open = panel.querySelector("[data-open]")?.dataset.open;
    editor.querySelectorAll("a[aria-current]").forEach((link) => link.removeAttribute("aria-current"));
    document.getElementById(`node-${open}`)?.setAttribute("aria-current", "true");
  };
  const fold = (button, isOpen) => {
    button.setAttribute("aria-expanded", String(isOpen));
    const list = document.getElementById(button.getAttribute("aria-controls"));
    list.hidden = !isOpen;
    isFolding[isOpen ? "delete" : "add"](list.id);
  };

  const listsOf = (kind) => [...editor.querySelectorAll(`[data-list="${kind}"]`)];
  // One after another: each says before which neighbour its row stands, as the list was then.
  let line = Promise.resolve();
  let isRefused = false;
  const send = (item) => {
    const list = item.closest("[data-list]");
    const values = { kind: item.dataset.kind, part: item.dataset.pk, before: item.nextElementSibling?.dataset.pk ?? "" };
    if (list.dataset.parent) values.parent = list.dataset.parent;
    const siblings = [...list.children];
    const said = { name: nameOf(item), place: siblings.indexOf(item) + 1, count: siblings.length, list: list.dataset.name };
    line = line.then(() => {
      isRefused = false;
      return htmx.ajax("POST", words.moveUrl, { source: editor, target: "#panel", swap: "innerHTML", values });
    }).then(() => { if (!isRefused) say(fill(words.moved, said)); }, () => {});
  };
  const move = (item, isUp) => {
    const kind = item.dataset.kind;
    const list = item.closest("[data-list]");
    const neighbour = isUp ? item.previousElementSibling : item.nextElementSibling;
    const focused = document.activeElement;
    if (neighbour) {
      if (isUp) neighbour.before(item); else neighbour.after(item);
    } else {
      const lists = list.dataset.parent ? listsOf(kind) : [list];
      const other = kind === "question" && lists[lists.indexOf(list) + (isUp ? -1 : 1)];
      if (!other) return say(fill(isUp ? words.first : words.last, { name: nameOf(item) }));
      if (isUp) other.append(item); else other.prepend(item);
    }
    focused?.focus();
    item.scrollIntoView({ block: "nearest" });
    count();
    send(item);
  };
  // A move that was refused: the order is shown as it is stored.
  const isMove = (event) => event.detail.pathInfo?.requestPath === words.moveUrl;
  const showStored = (text) => {
    isRefused = true;
    say(text);
    htmx.ajax("GET", words.treeUrl, { target: "#tree", swap: "innerHTML" });
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, pathInfo } = event.detail;
    if (isMove(event) && xhr.status >= 400) {
      event.detail.shouldSwap = false;
      const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
      showStored(answer.querySelector("h2")?.textContent ?? words.unsaved);
    } else if (!event.target.closest("[data-card]") && new URL(xhr.responseURL).pathname.endsWith("/login/")) {
      event.detail.shouldSwap = false; // signed out meanwhile
      say(words.gone);
    }
  });
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(name, (event) => {
      if (event.target.closest("[data-card]")) return;
      const text = name === "htmx:responseError" ? words.gone : words.unsaved;
      if (isMove(event)) showStored(text); else say(text);
    });
  }

  const sortable = () => {
    editor.querySelectorAll("[data-list]").forEach((list) => {
      if (!list.querySelector(":scope > li > .ed-row > .ed-grip") && list.dataset.list !== "question") return;
      if (!words.editing || Sortable.get(list)) return;
      Sortable.create(list, {
        group: list.dataset.list, handle: ".ed-grip", animation: 120, forceFallback: true, fallbackOnBody: true,
        draggable: "li", ghostClass: "ed-ghost", scroll: true, swapThreshold: 0.6,
        onEnd: ({ item, from, to, oldIndex, newIndex }) => {
          if (from === to && oldIndex === newIndex) return;
          count();
          send(item);
        },
      });
    });
  };

  document.addEventListener("click", (event) => {
    const mover = event.target.closest("[data-move]");
    if (mover) {
      const item = mover.dataset.of ? document.getElementById(`node-${mover.dataset.of}`)?.closest("li") : mover.closest("li[data-kind]");
      if (item) move(item, mover.dataset.move === "up");
    }
    const folder = event.target.closest(".ed-fold");
    if (folder) fold(folder, folder.getAttribute("aria-expanded") !== "true");
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-section]")) return;
    const item = document.getElementById(`node-${event.target.dataset.of}`).closest("li");
    listsOf("question").find((list) => list.dataset.parent === event.target.value).append(item);
    count();
    send(item);
  });

  document.addEventListener("keydown", (event) => {
    const item = event.target.closest("li[data-kind]");
    if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key) && words.editing) {
      if (event.target.matches("input, textarea, select")) return; // there these keys are the system's
      const open = panel.querySelector("[data-open]")?.dataset.open;
      const moved = item ?? (panel.contains(event.target) && document.getElementById(`node-${open}`)?.closest("li"));
      if (!moved) return;
      event.preventDefault();
      move(moved, event.key === "ArrowUp");
    } else if (event.key === "Escape" && panel.contains(event.target) && !event.target.closest("[data-picker]")) {
      (document.querySelector("#tree a[aria-current]") ?? document.getElementById(current) ?? links()[0])?.focus();
    } else if (event.key === "/" && !event.target.matches("input, textarea, select")) {
      event.preventDefault();
      document.getElementById("ed-filter").focus();
    } else if (event.target.matches("#tree a[id^=node-]") && !event.altKey && !event.ctrlKey && !event.metaKey) {
      const all = links();
      const at = all.indexOf(event.target);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        all[Math.max(0, Math.min(to, all.length - 1))].focus();
      } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
        const button = event.target.closest(".ed-section")?.querySelector(".ed-fold");
        if (!button) return;
        event.preventDefault();
        fold(button, event.key === "ArrowRight");
        if (event.key === "ArrowLeft") event.target.closest(".ed-section").querySelector("a[id^=node-]").focus();
      }
    }
  });
  tree.addEventListener("focusin", (event) => { if (event.target.matches("a[id^=node-]")) stop(event.target); });

  // --- counts and filter -----------------------------------------------------------------------------------------------

  const count = () => {
    const total = document.getElementById("ed-total");
    const missing = [...tree.querySelectorAll("[data-missing]")].reduce((sum, mark) => sum + Number(mark.dataset.missing), 0);
    total.textContent = missing ? fill(total.dataset.some, { n: missing }) : total.dataset.none;
    tree.querySelectorAll(".ed-section").forEach((section) => {
      const button = section.querySelector(".ed-fold");
      button.textContent = document.getElementById(button.getAttribute("aria-controls")).children.length;
    });
  };
  const filter = document.getElementById("ed-filter");
  const narrow = () => {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    tree.querySelectorAll("li[data-kind]").forEach((item) => {
      const text = item.textContent.toLowerCase();
      item.hidden = !wanted.every((word) => text.includes(word));
    });
    tree.classList.toggle("is-filtered", wanted.length > 0);
  };
  filter.addEventListener("input", narrow);
  filter.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); links()[0]?.focus(); }
    if (event.key === "Escape") { filter.value = ""; narrow(); }
  });

  // --- the picker: a combobox over what the server finds ----------------------------------------------------------------

  const options = () => [...document.querySelectorAll("#found [role=option]")];
  const active = () => document.querySelector("#found [aria-selected=true]");
  const choose = (input, option) => {
    options().forEach((other) => other.setAttribute("aria-selected", String(other === option)));
    if (option) { input.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else input.removeAttribute("aria-activedescendant");
  };
  const close = (input) => {
    const found = document.getElementById("found");
    if (found) found.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(input, null);
  };
  const cite = (picker, option) => {
    if (!option?.dataset.provision) return;
    const input = picker.querySelector("[role=combobox]");
    input.value = "";
    close(input);
    input.focus();
    htmx.ajax("POST", picker.dataset.cite, { source: picker, target: "#citations", swap: "innerHTML", values: { provision: option.dataset.provision } });
  };
  panel.addEventListener("keydown", (event) => {
    if (!event.target.matches("[role=combobox]")) return;
    const all = options();
    const at = all.indexOf(active());
    if (["ArrowDown", "ArrowUp"].includes(event.key) && !event.altKey && all.length) {
      event.preventDefault();
      choose(event.target, all[(at + (event.key === "ArrowDown" ? 1 : all.length - (at < 0 ? 0 : 1))) % all.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      cite(event.target.closest("[data-picker]"), active());
    } else if (event.key === "Escape") {
      if (event.target.getAttribute("aria-expanded") === "true") { event.stopPropagation(); close(event.target); }
    }
  });
  panel.addEventListener("click", (event) => {
    const option = event.target.closest("#found [role=option]");
    if (option) cite(option.closest("[data-picker]"), option);
  });

  // --- what comes from the server --------------------------------------------------------------------------------------

  const ready = () => {
    sortable();
    isFolding.forEach((id) => { const list = document.getElementById(id); if (list) list.hidden = true; });
    tree.querySelectorAll(".ed-fold").forEach((button) => button.setAttribute("aria-expanded", String(!isFolding.has(button.getAttribute("aria-controls")))));
    if (!document.getElementById(current)) current = null;
    stop(document.getElementById(current) ?? tree.querySelector("a[aria-current]") ?? links()[0]);
    markOpen();
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    const { target } = event;
    if (target.id === "panel") {
      ready();
      const first = panel.querySelector(".ed-form input[type=text]") ?? panel.querySelector("[data-heading]");
      first?.focus({ preventScroll: true });
      first?.setSelectionRange?.(first.value.length, first.value.length);
      panel.scrollTop = 0;
      if (window.innerWidth < 1000) panel.scrollIntoView();
    } else if (target.id === "found") {
      const input = panel.querySelector("[role=combobox]");
      input.setAttribute("aria-expanded", String(!document.getElementById("found").hidden));
      choose(input, options().find((option) => option.dataset.provision));
    } else if (target.id === "trial") {
      tree.querySelectorAll("[data-verdict]").forEach((item) => delete item.dataset.verdict);
      target.querySelectorAll("[data-tried]").forEach((tried) => {
        const item = document.getElementById(`node-${tried.dataset.tried}`)?.closest("li");
        if (item) item.dataset.verdict = tried.dataset.verdict;
      });
    } else {
      ready();
      narrow();
    }
  });
  document.addEventListener("htmx:oobAfterSwap", () => count());
  document.addEventListener("editor:say", (event) => say(event.detail.text));

  // What is tried out follows the expressions as they are stored.
  document.addEventListener("htmx:afterRequest", (event) => {
    const card = event.target.closest?.("[data-card]");
    const isTried = document.getElementById("trial").childElementCount > 0;
    if (isTried && card?.querySelector("[data-expression]") && event.detail.xhr.status === 200) htmx.trigger("#sample", "change");
  });

  // Another part opens only once everything typed in this one is saved: nothing is lost by moving on.
  let waiting = null;
  document.addEventListener("htmx:confirm", (event) => {
    if (event.detail.target?.id !== "panel" || !panel.querySelector("[data-dirty]")) return;
    if (event.detail.path === words.moveUrl) return;
    event.preventDefault();
    waiting = event.detail.issueRequest;
    panel.querySelectorAll("[data-dirty]").forEach((card) => htmx.trigger(card, "change"));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!waiting || !event.target.closest?.("[data-card]")) return;
    const go = waiting;
    if (!panel.querySelector("[data-dirty]")) { waiting = null; go(true); }
    else if (!(event.detail.xhr.status >= 200 && event.detail.xhr.status < 300)) { waiting = null; say(words.wait); }
  });

  ready();
  words.ready = "yes";
})();
