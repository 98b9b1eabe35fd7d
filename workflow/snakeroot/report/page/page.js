"use strict";
document.documentElement.classList.add("js");

// Tables are sorted by a column: numbers by their value, names by the alphabet, what is missing last.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const order = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      heads.forEach((one) => one.setAttribute("aria-sort", one === head ? order : "none"));
      const sign = order === "ascending" ? 1 : -1;
      body.append(...[...body.rows].sort((one, other) => compare(one.cells[column], other.cells[column], sign)));
    });
  });
}

function compare(one, other, sign) {
  if (one.dataset.value === undefined) return sign * one.textContent.localeCompare(other.textContent);
  const [left, right] = [one, other].map((cell) => (cell.dataset.value === "" ? NaN : Number(cell.dataset.value)));
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.isNaN(left) - Number.isNaN(right);
  return left === right ? 0 : sign * (left < right ? -1 : 1);
}

// A figure is shown large; Esc and closing lead back to where one was.
const dialog = document.getElementById("zoom");
const plate = dialog.querySelector(".plate");
for (const link of document.querySelectorAll("a.zoom")) {
  link.setAttribute("aria-haspopup", "dialog");
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    document.getElementById("zoomed").textContent = link.dataset.title;
    plate.replaceChildren(link.querySelector("img").cloneNode());
    dialog.showModal();
  });
}
document.getElementById("close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

// What is wider than its place says so.
const watch = new ResizeObserver((seen) => {
  for (const { target } of seen) target.classList.toggle("overflows", target.scrollWidth > target.clientWidth + 1);
});
for (const one of document.querySelectorAll(".scroll")) watch.observe(one);
