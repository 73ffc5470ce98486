//! The operations of S3: those of `s3s-fs` that the service uses, and tags, which `s3s-fs` does not
//! have.

use std::path::PathBuf;
use std::sync::Arc;

use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, GetObjectInput, GetObjectOutput, GetObjectTaggingInput,
    GetObjectTaggingOutput, HeadObjectInput, HeadObjectOutput, ListObjectVersionsInput, ListObjectVersionsOutput,
    ObjectVersion, PutObjectInput, PutObjectOutput, Tag,
};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result};
use s3s_fs::FileSystem;

use super::State;
use super::events::Created;
use crate::template::ACCOUNT;

/// The objects of all buckets.
pub(super) struct Objects {
    files: FileSystem,
    /// Where they are on the file system.
    root: PathBuf,
    state: Arc<State>,
}

impl Objects {
    pub(super) fn new(files: FileSystem, root: PathBuf, state: Arc<State>) -> Self {
        Self { files, root, state }
    }
}

#[async_trait::async_trait]
impl s3s::S3 for Objects {
    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        self.state.gate.pass(&request.input.key).await;
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        self.state.tags().remove(&(bucket.clone(), key.clone()));
        let put = self.files.put_object(request).await?;
        if let Some(events) = self.state.events.get() {
            let size = std::fs::metadata(self.root.join(&bucket).join(&key)).map(|file| file.len()).unwrap_or_default();
            let etag = put.output.e_tag.as_ref().map(|etag| etag.value().to_owned()).unwrap_or_default();
            events.put(&Created { bucket: &bucket, key: &key, size, etag: &etag, requester: ACCOUNT });
        }
        Ok(put)
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let media = request.input.response_content_type.clone();
        let disposition = request.input.response_content_disposition.clone();
        let mut got = self.files.get_object(request).await.map_err(|error| match error.code() {
            // No function may list the bucket, so S3 does not say that the object is missing
            // (GetObject, "Permissions").
            S3ErrorCode::NoSuchKey => S3Error::new(S3ErrorCode::AccessDenied),
            _ => error,
        })?;
        got.output.content_type = media.or(got.output.content_type.take());
        got.output.content_disposition = disposition.or(got.output.content_disposition.take());
        Ok(got)
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        self.files.head_object(request).await
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.state.tags().remove(&(request.input.bucket.clone(), request.input.key.clone()));
        match self.files.delete_object(request).await {
            // For S3, deleting a missing object succeeds.
            Err(error) if *error.code() == S3ErrorCode::NoSuchKey => Ok(S3Response::new(DeleteObjectOutput::default())),
            done => done,
        }
    }

    /// An object has one version here, as in a bucket without versioning. Only a whole key is
    /// listed.
    async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<S3Response<ListObjectVersionsOutput>> {
        let key = request.input.prefix.unwrap_or_default();
        let is_there = !key.is_empty() && self.root.join(&request.input.bucket).join(&key).is_file();
        let version = || ObjectVersion {
            key: Some(key.clone()),
            version_id: Some("null".to_owned()),
            is_latest: Some(true),
            ..ObjectVersion::default()
        };
        let versions = Some(is_there.then(version).into_iter().collect());
        Ok(S3Response::new(ListObjectVersionsOutput { versions, ..ListObjectVersionsOutput::default() }))
    }

    async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<S3Response<GetObjectTaggingOutput>> {
        let tags = self.state.tags().get(&(request.input.bucket, request.input.key)).cloned().unwrap_or_default();
        let tag_set = tags.into_iter().map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect();
        Ok(S3Response::new(GetObjectTaggingOutput { tag_set, version_id: None }))
    }
}
