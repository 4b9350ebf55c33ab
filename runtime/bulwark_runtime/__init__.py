"""What Bulwark runs in the cloud. Importing it loads nothing: each job is a package of its own."""
