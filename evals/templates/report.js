"use strict";
const cards = [...document.querySelectorAll(".case")];
const field = (id) => document.getElementById(id);
const fields = ["words", "state", "run", "kind", "tag", "reason"].map(field).filter(Boolean);

function shown(card, wanted) {
  const data = card.dataset;
  return (
    (!wanted.state || data.state === wanted.state) &&
    (!wanted.run || data.run === wanted.run) &&
    (!wanted.kind || data.kind === wanted.kind) &&
    (!wanted.tag || data.tags.split(" ").includes(wanted.tag)) &&
    (!wanted.reason || data.reason.split(", ").includes(wanted.reason)) &&
    wanted.words.every((word) => data.words.includes(word))
  );
}

function filter() {
  const wanted = Object.fromEntries(fields.map((one) => [one.id, one.value]));
  wanted.words = field("words").value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const card of cards) {
    card.hidden = !shown(card, wanted);
    count += card.hidden ? 0 : 1;
  }
  field("count").textContent = `${count} of ${cards.length} cases`;
}

for (const one of fields) one.addEventListener("input", filter);
document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
filter();
