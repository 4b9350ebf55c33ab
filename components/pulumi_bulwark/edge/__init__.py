"""Where the service meets the internet: Amazon CloudFront and Azure Front Door."""
