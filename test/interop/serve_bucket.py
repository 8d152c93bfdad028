"""Serves a bucket by moto, which checks signatures as botocore makes them. Ends when its input ends.

usage: serve_bucket.py
prints one line of JSON: origin, accessKeyId, secretAccessKey, and the sha256 of each object by its key
"""

import hashlib
import json
import sys
import urllib.request

import boto3
from moto.server import ThreadedMotoServer

ODD = ["a b+c!'()*~%41", "ü&<é>=?#", "日本/語", "'\"`;$", "%2F%2e%2e", "+", "~", "=&="]


def content(n: int, size: int) -> bytes:
    return bytes((i * 31 + n * 7) & 255 for i in range(size))


def main() -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    origin = f"http://{host}:{port}"
    anyone = dict(endpoint_url=origin, aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    s3, iam = boto3.client("s3", **anyone), boto3.client("iam", **anyone)
    s3.create_bucket(Bucket="volumes")
    keys = [f"brain/{name}" for name in ODD] + ["brain/info"] + [f"brain/s{i % 3}/{i}" for i in range(1200)]
    objects = {key: content(n, 1 + n * 3) for n, key in enumerate(keys)}
    for key, body in objects.items():
        s3.put_object(Bucket="volumes", Key=key, Body=body)
    iam.create_user(UserName="reader")
    allow = [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": allow})
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    # From here on it asks who is there.
    urllib.request.urlopen(urllib.request.Request(f"{origin}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"}))
    shown = {name: hashlib.sha256(body).hexdigest() for name, body in objects.items()}
    print(
        json.dumps(
            {
                "origin": origin,
                "accessKeyId": key["AccessKeyId"],
                "secretAccessKey": key["SecretAccessKey"],
                "objects": shown,
            }
        ),
        flush=True,
    )
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
