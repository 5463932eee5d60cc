"""The fleet: EC2, EBS and ELB by moto's server, behind a layer that makes them behave as AWS documents.

moto answers every request at once and with success. Here a request passes the rules of `rules/` first, each a small
file that follows one page of the AWS documentation; states change over time on a clock that can be scaled or set.
"""
