import { mutualInformation } from '../mutualInformation.js';

/** How clusters agree with labels, each 0..1. */
export interface ClusterAgreement {
  /** Share of items whose label is the most frequent one of their cluster. */
  readonly purity: number;
  /** 1 - H(label | cluster) / H(label): whether clusters hold one label. */
  readonly homogeneity: number;
  /** 1 - H(cluster | label) / H(cluster): whether a label's items share a cluster. */
  readonly completeness: number;
  /** Harmonic mean of the last two. */
  readonly vMeasure: number;
}

/**
 * @param labels, clusters n numbers each, n >= 1
 * @throws ShapeError for other lengths or none, DomainError naming the row of a value that is not finite
 * @source Rosenberg and Hirschberg 2007, "V-measure: a conditional entropy-based external cluster evaluation measure"
 */
export function clusterAgreement(labels: ArrayLike<number>, clusters: ArrayLike<number>): ClusterAgreement {
  const { information } = mutualInformation(labels, clusters);
  const share = (of: ArrayLike<number>) => {
    const entropy = mutualInformation(of, of).information;
    return entropy > 0 ? Math.min(1, information / entropy) : 1;
  };
  const [homogeneity, completeness] = [share(labels), share(clusters)];
  const sum = homogeneity + completeness;
  return {
    ...{ purity: purityOf(labels, clusters), homogeneity, completeness },
    vMeasure: sum > 0 ? (2 * homogeneity * completeness) / sum : 0,
  };
}

function purityOf(labels: ArrayLike<number>, clusters: ArrayLike<number>): number {
  const counts = new Map<number, Map<number, number>>();
  for (let i = 0; i < labels.length; i++) {
    const own = counts.get(clusters[i]) ?? new Map<number, number>();
    counts.set(clusters[i], own.set(labels[i], (own.get(labels[i]) ?? 0) + 1));
  }
  let right = 0;
  for (const own of counts.values()) right += Math.max(...own.values());
  return right / labels.length;
}
