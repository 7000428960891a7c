import type { TreeConfig } from './config.js';

export interface TreeArm {
  readonly name: string;
  readonly space: TreeConfig['space'];
  readonly star: boolean;
}

/** Ways to spend the same `dim` numbers a node on codes of a tree; a sphere of one dimension needs two of them. */
export function treeArms(dim: number): readonly TreeArm[] {
  const arms: readonly TreeArm[] = [
    { name: 'euclidean', space: 'euclidean', star: false },
    { name: 'euclidean+star', space: 'euclidean', star: true },
    { name: 'sphere', space: 'sphere', star: false },
    { name: 'hyperbolic', space: 'hyperbolic', star: false },
    { name: 'hyperbolic+star', space: 'hyperbolic', star: true },
  ];
  return arms.filter(({ space, star }) => dim - (star ? 1 : 0) >= (space === 'sphere' ? 2 : 1));
}
