//! Provisioning with Terraform or OpenTofu: plan, show it, apply exactly that plan, and nothing else.
