// The visitors whom the samples name.

export const V1 = "b971cbbf-7ce2-4925-902b-8f95a5fb3449";
export const V2 = "4c6f9d3e-2b1a-4f0c-8e7d-6a5b4c3d2e1f";
