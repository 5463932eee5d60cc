"""What CloudFormation has functions do while the app is deployed."""
