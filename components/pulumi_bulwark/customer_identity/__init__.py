"""The customers of the service and how they sign in: Amazon Cognito and Entra External ID."""
