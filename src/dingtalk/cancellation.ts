/** Thrown where work was given up on purpose: a shutdown, or an organization that was taken out. It is no failure. */
export class Cancellation extends Error {
  override readonly name = 'Cancellation';
}
