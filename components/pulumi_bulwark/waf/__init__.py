"""What is let through to the service: AWS WAF and Azure Front Door WAF."""
