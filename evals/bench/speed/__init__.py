"""Speed and size: beside other systems, beside what the processor allows, at growing sizes and under load.

Each part measures in processes of its own and gives figures; `results` keeps them, and `page` and `bars` show them.
"""
