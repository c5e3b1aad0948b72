/** A number as people write it. */
export const nice = (number) => {
  const rounded = Math.round(number * 100) / 100;
  return rounded.toLocaleString();
};
