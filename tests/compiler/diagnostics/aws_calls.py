"""Calls of AWS that AWS's models, or the rules of nightshift, do not allow."""

from lambdas.parts import aws
from nightshift import flow

ORDERS = "orders"
VARIABLES = {"Variables": {"ApiToken": "1", "SECRET_KEY": "hidden"}}


@flow
def no_such_service():
    aws.call("lamda", "delete_function", FunctionName="orders")
#            ^ NS320 Did you mean 'lambda'?


@flow
def no_such_operation():
    aws.call("rds", "stop_dbinstance", DBInstanceIdentifier="orders")
#                   ^ NS320 Did you mean 'stop_db_instance'?


@flow
def no_such_waiter():
    aws.wait("rds", "db_instance_availabel", DBInstanceIdentifier="orders")
#                   ^ NS320 Did you mean 'db_instance_available'?


@flow
def a_name_is_missing():
    aws.call("rds")
#   ^ NS304 Write aws.call("rds", "stop_db_instance", DBInstanceIdentifier="orders").


@flow
def a_name_that_only_the_run_knows(service: str):
    aws.call(service, "stop_db_instance", DBInstanceIdentifier="orders")
#            ^ NS304 Write aws.call


@flow
def no_such_parameter():
    aws.call("rds", "stop_db_instance", DBInstanceIdentifer="orders")
#                                                           ^ NS301 Did you mean 'DBInstanceIdentifier'?


@flow
def a_required_parameter_is_missing():
    aws.call("rds", "stop_db_instance")
#   ^ NS302 Add DBInstanceIdentifier=...


@flow
def unpacked(given: dict[str, str]):
    aws.call("rds", "stop_db_instance", **given)
#                                         ^ NS304 Write the parameters out.


@flow
def an_int_for_a_str():
    aws.call("rds", "stop_db_instance", DBInstanceIdentifier=1)
#                                                            ^ NS303 Give a str.


@flow
def a_str_for_an_int(group: str):
    aws.call("autoscaling", "set_desired_capacity", AutoScalingGroupName=group, DesiredCapacity="2")
#                                                                                               ^ NS303 Give an int.


@flow
def a_variable_of_another_type(group: str):
    aws.call("autoscaling", "set_desired_capacity", AutoScalingGroupName=group, DesiredCapacity=group)
#                                                                                               ^ NS303 Give an int.


@flow
def a_bool_is_no_int(group: str):
    aws.call("autoscaling", "set_desired_capacity", AutoScalingGroupName=group, DesiredCapacity=True)
#                                                                                               ^ NS303 Give an int.


@flow
def a_str_for_a_list():
    aws.call("ec2", "start_instances", InstanceIds="i-1")
#                                                  ^ NS303 Write [...].


@flow
def an_item_of_another_type():
    aws.call("ec2", "start_instances", InstanceIds=["i-1", 2])
#                                                          ^ NS303 Give a str.


@flow
def a_key_that_the_structure_has_not():
    aws.call("ec2", "describe_instances", Filters=[{"Nmae": "tag:Env", "Values": ["prod"]}])
#                                                   ^ NS301 Did you mean 'Name'?


@flow
def a_key_is_missing():
    aws.call("sqs", "send_message_batch", QueueUrl="https://q", Entries=[{"Id": "1"}])
#                                                                        ^ NS302 Add "MessageBody": ...


@flow
def a_value_of_another_type_inside():
    aws.call("ec2", "describe_instances", Filters=[{"Name": "tag:Env", "Values": "prod"}])
#                                                                                ^ NS303 Write [...].


@flow
def a_value_that_is_none_of_the_enum():
    aws.call("ec2", "create_volume", AvailabilityZone="us-east-1a", Size=1, VolumeType="gp4")
#                                                                                      ^ NS321 Did you mean 'gp


@flow
def a_state_that_is_none_of_the_enum():
    aws.call("ecs", "list_tasks", cluster="c", desiredStatus="RUNING")
#                                                            ^ NS321 Did you mean 'RUNNING'?


@flow
def none_for_a_parameter():
    aws.call("rds", "stop_db_instance", DBInstanceIdentifier=None)
#                                                            ^ NS303 Give a str.


@flow
def no_such_field():
    db = aws.call("rds", "describe_db_instances", DBInstanceIdentifier=ORDERS).DBInstances[0]
    return db.Endpoint.Adress
#          ^ NS204 Did you mean 'Address'?


@flow
def no_such_list():
    return aws.call("rds", "describe_db_instances").DBInstance
#          ^ NS204 Did you mean 'DBInstances'?


@flow
def a_list_is_no_record():
    return aws.call("rds", "describe_db_instances").DBInstances.DBInstanceStatus
#          ^ NS204 a dict is read by key


@flow
def a_field_is_a_str():
    db = aws.call("rds", "describe_db_instances").DBInstances[0]
    return db.AllocatedStorage + db.DBInstanceStatus
#          ^ NS202 of int and str


@flow
def a_secret_field():
    change = aws.call("rds", "describe_db_instances").DBInstances[0].PendingModifiedValues
    return change.MasterUserPassword
#          ^ NS323 AWS marks it as sensitive


@flow
def a_secret_answer():
    aws.call("secretsmanager", "get_secret_value", SecretId="orders")
#   ^ NS323 Hand on the name of the secret


@flow
def a_secret_parameter_that_the_model_does_not_mark():
    aws.call("docdb", "modify_db_cluster", DBClusterIdentifier="orders", MasterUserPassword="hunter2hunter2")
#                                                                                           ^ NS323 Secrets Manager


@flow
def a_secret_answer_that_the_model_does_not_mark():
    aws.call("lightsail", "create_bucket_access_key", bucketName="orders")
#   ^ NS323 Hand on the name of the secret


@flow
def a_secret_parameter():
    aws.call("rds", "modify_db_instance", DBInstanceIdentifier="orders", MasterUserPassword="hunter2hunter2")
#                                                                                           ^ NS323 Secrets Manager


@flow
def an_answer_without_end():
    aws.call("lambda", "invoke_with_response_stream", FunctionName="f")
#   ^ NS320 Poll an operation that reads the outcome instead.


@flow
def a_write_cannot_be_polled():
    aws.poll("rds", "stop_db_instance", DBInstanceIdentifier="orders", until="DBInstance.DBInstanceStatus == 'stopped'")
#   ^ NS320 Poll an operation that reads.


@flow
def a_poll_without_condition():
    aws.poll("rds", "describe_db_instances", DBInstanceIdentifier="orders")
#   ^ NS302 Add until=


@flow
def a_condition_that_is_none():
    aws.poll("rds", "describe_db_instances", until="DBInstances[0].DBInstanceStatus = 'stopped'")
#                                                  ^ NS324 Write JMESPath


@flow
def a_condition_on_a_field_that_is_not_there():
    aws.poll("rds", "describe_db_instances", until="DBInstances[0].DBInstanceState == 'stopped'")
#                                                  ^ NS324 Did you mean 'DBInstanceStatus'?


@flow
def a_condition_on_a_list():
    aws.poll("rds", "describe_db_instances", until="DBInstances.DBInstanceStatus == 'stopped'")
#                                                  ^ NS324 Take an item first


@flow
def a_condition_that_never_holds():
    aws.poll("ec2", "describe_volumes", until="Volumes[0].State == 'avialable'")
#                                             ^ NS324 Did you mean 'available'?


@flow
def a_permission_that_is_not_known():
    aws.call("dynamodb", "execute_statement", Statement="SELECT * FROM orders")
#   ^ NS322 allow=["dynamodb:ExecuteStatement"]


@flow
def an_action_that_is_none():
    aws.call("dynamodb", "execute_statement", Statement="SELECT * FROM orders", allow=["dynamodb:PartiQLSelekt"])
#                                                                                     ^ NS322 Did you mean


@flow
def too_many_actions():
    aws.call("dynamodb", "execute_statement", Statement="SELECT * FROM orders", allow=["dynamodb:*"])
#                                                                                     ^ NS322 Write allow=


@flow
def a_time_limit_that_is_none():
    aws.wait("rds", "db_instance_available", DBInstanceIdentifier="orders", timeout=[1])
#                                                                                   ^ NS303 Give a str | int.


@flow
def a_secret_among_the_environment_variables():
    aws.call(
        "lambda",
        "update_function_configuration",
        FunctionName="orders",
        Environment={"Variables": {"LEVEL": "1", "DB_PASSWORD": "hidden"}},
#                                                ^ NS323 Secrets Manager
    )


@flow
def a_secret_in_a_constant_map():
    aws.call("lambda", "update_function_configuration", FunctionName="orders", Environment=VARIABLES)
#                                                                                          ^ NS323 Secrets Manager
