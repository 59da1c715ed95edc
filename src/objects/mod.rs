//! S3 through aws-sdk-s3: list, ranged read, put, copy, versions, presigned tickets. Called by `worker`.
