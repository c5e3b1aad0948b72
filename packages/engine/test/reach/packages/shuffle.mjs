const chance = Math[["ran", "dom"].join("")];

/** In another order. */
export function shuffle(list) {
  return [...list].sort(() => chance() - 0.5);
}
