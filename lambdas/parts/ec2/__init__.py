"""Parts for EC2 instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.ec2.copy_image import copy_image as copy_image
    from lambdas.parts.ec2.create_image import create_image as create_image
    from lambdas.parts.ec2.create_tags import create_tags as create_tags
    from lambdas.parts.ec2.deregister_image import deregister_image as deregister_image
    from lambdas.parts.ec2.describe_instances import describe_instances as describe_instances
    from lambdas.parts.ec2.find_untagged import find_untagged as find_untagged
    from lambdas.parts.ec2.modify_image_attribute import modify_image_attribute as modify_image_attribute
    from lambdas.parts.ec2.modify_instance_attribute import modify_instance_attribute as modify_instance_attribute
    from lambdas.parts.ec2.reboot_instances import reboot_instances as reboot_instances
    from lambdas.parts.ec2.restore_image import restore_image as restore_image
    from lambdas.parts.ec2.run_instances import run_instances as run_instances
    from lambdas.parts.ec2.start_instances import start_instances as start_instances
    from lambdas.parts.ec2.stop_instances import stop_instances as stop_instances
    from lambdas.parts.ec2.terminate_instances import terminate_instances as terminate_instances

load_when_used(__name__)
