//! Kubernetes: what is applied, how it comes up, and why it does not.
