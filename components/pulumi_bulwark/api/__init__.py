"""The API with OAuth 2.0 and rate limits: Amazon API Gateway and Azure API Management."""
