export type Shape = { name?: string } & (
  | { kind: "circle"; r: number }
  | { kind: "rectangle"; w: number; h: number }
);

export const area = (shape: Shape): number =>
  shape.kind === "circle" ? Math.PI * shape.r ** 2 : shape.w * shape.h;

export function describe({ kind, name = "unnamed", ...rest }: Shape): string {
  return `${name}: ${kind} ${JSON.stringify(rest)}`;
}

export const neverUsed = () => describe({ kind: "circle", r: 0 });
