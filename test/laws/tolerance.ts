/** A closed-form float32 gradient against central differences of step 1e-2: what the differences can resolve. */
export const GRADIENT_BY_DIFFERENCES = 5e-3;
/** Two float32 computations of one value in different order. */
export const FLOAT32 = 1e-5;
/** float64 formulas against peers in float64: design.md. */
export const FLOAT64 = 1e-9;
/** float64 tables of rotations to degree 20, on matrices and functions of size 1: some hundred roundings. */
export const ROTATION_TABLES = 1e-13;
