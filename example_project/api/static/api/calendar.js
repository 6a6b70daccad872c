// Moves stays in the occupancy calendar, by dragging or by Shift and the arrow keys. The server
// says what is in the way, and nothing is stored before somebody says so.
"use strict";

(() => {
  const grid = () => document.getElementById("calendar");
  const panel = () => document.getElementById("move");
  let pending = null;

  const rowsOf = (stay) => [...stay.closest("tbody").rows];
  const dayWidth = (stay) => stay.closest("table").tHead.rows[0].cells[1].getBoundingClientRect().width;

  function begin(stay) {
    if (pending && pending.stay === stay) return pending;
    leave();
    const rows = rowsOf(stay);
    const home = rows.indexOf(stay.closest("tr"));
    pending = { stay, rows, home, shift: 0, row: home };
    return pending;
  }

  function leave() {
    if (!pending) return;
    pending.stay.style.transform = "";
    pending.stay.classList.remove("moving");
    panel().replaceChildren();
    pending = null;
  }

  // Whoever was asked about a move goes on where it began.
  function goBack() {
    const stay = pending?.stay;
    leave();
    stay?.focus();
  }

  function draw() {
    const { stay, rows, home, row, shift } = pending;
    const down = rows[row].getBoundingClientRect().top - rows[home].getBoundingClientRect().top;
    stay.classList.add("moving");
    stay.style.transform = `translate(${shift * dayWidth(stay)}px, ${down}px)`;
  }

  function preview() {
    const { stay, rows, row, shift } = pending;
    const number = stay.pathname.match(/(\d+)\/$/)[1];
    const query = new URLSearchParams(window.location.search);
    query.set("shift", shift);
    query.set("house", rows[row].dataset.house);
    window.htmx.ajax("GET", `${grid().dataset.move}${number}/?${query}`, { target: "#move", swap: "innerHTML" });
  }

  // Dragging, with a mouse or a pen; a finger scrolls, and moves a stay by the booking's own page.
  document.addEventListener("dragstart", (event) => {
    if (event.target.closest?.("#calendar td a")) event.preventDefault();
  });
  document.addEventListener("pointerdown", (event) => {
    const stay = event.target.closest("#calendar[data-move] td a");
    if (!stay || event.button !== 0 || event.pointerType === "touch") return;
    const start = { x: event.clientX, y: event.clientY };
    let moved = false;
    const move = (now) => {
      if (!moved && Math.hypot(now.clientX - start.x, now.clientY - start.y) < 6) return;
      if (!moved) begin(stay);
      moved = true;
      pending.shift = Math.round((now.clientX - start.x) / dayWidth(stay));
      const under = pending.rows.findIndex((row) => {
        const box = row.getBoundingClientRect();
        return now.clientY >= box.top && now.clientY < box.bottom;
      });
      if (under >= 0) pending.row = under;
      draw();
    };
    const stop = () => {
      document.removeEventListener("pointermove", move);
      if (!moved) return;
      stay.addEventListener("click", (click) => click.preventDefault(), { once: true });
      if (pending.shift === 0 && pending.row === pending.home) leave();
      else preview();
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", stop, { once: true });
  });

  // Shift and arrows move a stay; arrows alone go from stay to stay.
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener("keydown", (event) => {
    const stay = event.target.closest?.("#calendar td a");
    if (event.key === "Escape") goBack();
    if (!stay) return;
    if (event.key === "Enter" && pending) {
      event.preventDefault();
      panel().querySelector("button")?.focus();
      return;
    }
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    if (!event.shiftKey) {
      walk(stay, step);
    } else if (grid().dataset.move) {
      begin(stay);
      pending.shift += step[0];
      pending.row = Math.min(pending.rows.length - 1, Math.max(0, pending.row + step[1]));
      draw();
      preview();
    }
  });

  function walk(stay, [across, down]) {
    const rows = rowsOf(stay);
    const here = stay.getBoundingClientRect();
    if (across) {
      const row = [...stay.closest("tr").querySelectorAll("td a")];
      row[row.indexOf(stay) + across]?.focus();
      return;
    }
    for (let number = rows.indexOf(stay.closest("tr")) + down; rows[number]; number += down) {
      const near = [...rows[number].querySelectorAll("td a")];
      if (!near.length) continue;
      const distance = (one) => Math.abs(one.getBoundingClientRect().left - here.left);
      near.sort((one, other) => distance(one) - distance(other))[0].focus();
      return;
    }
  }

  // What a stay's colour and columns say is also written, as soon as somebody is at it.
  function describe(stay) {
    if (stay.title) return;
    const day = new Intl.DateTimeFormat(document.documentElement.lang, { month: "short", day: "numeric", timeZone: "UTC" });
    const cell = stay.closest("td");
    let start = 0;
    for (let one = cell.previousElementSibling; one.tagName === "TD"; one = one.previousElementSibling) start += one.colSpan;
    const name = (half) => {
      const date = new Date(`${grid().dataset.first}T00:00:00Z`);
      date.setUTCDate(date.getUTCDate() + Math.floor(half / 2));
      return day.format(date);
    };
    const first = stay.classList.contains("from") ? "…" : name(start);
    const last = stay.classList.contains("on") ? "…" : name(start + cell.colSpan);
    const said = [...document.querySelectorAll(".legend .stay")]
      .filter((sample) => stay.classList.contains(sample.classList[1]))
      .map((sample) => sample.parentElement.textContent.trim());
    stay.title = [stay.textContent, `${first} – ${last}`, ...said].join(", ");
  }
  for (const kind of ["pointerover", "focusin"]) {
    document.addEventListener(kind, (event) => {
      const stay = event.target.closest?.("#calendar td a");
      if (stay) describe(stay);
    });
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-leave]")) goBack();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "calendar") pending = null;
  });
})();
