"""IAM roles, and the boundary that no workload's role can leave."""
