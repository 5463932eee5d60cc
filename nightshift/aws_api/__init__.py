"""What AWS's services offer, and which permission each operation needs: read as data, without the SDK."""
