"""What a company decides about an app, beyond what the app needs: policy, network, sign-in. All of it is optional."""
