/**
 * Why tests of the suite fail, by the name of the test. A test without a reason shows what it said;
 * a reason hides nothing, and `npm run conformance` names those whose test passes by now.
 */

/** Ways to write the same; the decision has each with its evidence. */
const DECISION = '[decision 6](../decisions/0006-s3-answers.md)'

const DELETE_OF_NOTHING = `AWS answers 404 to a conditional delete with If-Match where there is no object: ${DECISION}. The suite: 204, or 412 over a delete marker`
const PART_NUMBER = `AWS answers 416 InvalidPartNumber for a part that the object does not have: ${DECISION}. The suite: 400 InvalidPart`
const CHECKSUM = `AWS answers InvalidRequest to a checksum that cannot be one, [as was reported to the suite](https://github.com/ceph/s3-tests/issues/644). The suite: BadDigest`
const EXPIRES = `AWS answers 400 to \`X-Amz-Expires\` below 0 or above a week, [as was reported to the suite](https://github.com/ceph/s3-tests/issues/462). The suite: 403`
const CEPH = 'A feature of Ceph, not of S3'
const TENANT = "Ceph's syntax for buckets of other tenants, `:bucket`; S3 has no such names"
const IAM = 'Needs the IAM service, which is not built'

export const REASONS: Readonly<Record<string, string>> = {
  test_account_usage: `${CEPH}: \`GET /?usage\``,
  test_bucket_head_extended: `${CEPH}: \`x-rgw-object-count\``,
  test_head_bucket_usage: `${CEPH}: \`x-rgw-object-count\``,
  test_bucket_list_unordered: `${CEPH}: \`allow-unordered\``,
  test_bucket_listv2_unordered: `${CEPH}: \`allow-unordered\``,
  test_bucket_policy_different_tenant: TENANT,
  test_bucket_policy_tenanted_bucket: TENANT,
  test_verify_add_existing_client_id_to_oidc: IAM,
  test_verify_update_thumbprintlist_of_oidc: IAM,

  test_bucket_list_prefix_unreadable: `AWS encodes the prefix in ListObjects like everything else, and its SDKs for Java decode it: ${DECISION}. boto3 does not`,
  test_delete_marker_nonversioned:
    '"If false, this response header does not appear", say the documents of `x-amz-delete-marker`. The suite wants it with 404',
  test_delete_object_current_if_match: DELETE_OF_NOTHING,
  test_delete_object_if_match: DELETE_OF_NOTHING,
  test_delete_objects_current_if_match: DELETE_OF_NOTHING,
  test_list_buckets_anonymous:
    'AWS shows no list to those who sign nothing. The suite wants an empty one',
  test_multipart_get_part: PART_NUMBER,
  test_multipart_single_get_part: PART_NUMBER,
  test_non_multipart_get_part: PART_NUMBER,
  test_post_object_upload_checksum:
    'AWS refuses fields that the policy of a form does not name, checksums too: "Extra input fields: x-amz-checksum-sha256". The suite wants it taken',
  test_multipart_resend_first_finishes_last:
    "The same part named twice is InvalidPartOrder in AWS's documents. The suite wants it accepted",
  test_object_checksum_crc64nvme: CHECKSUM,
  test_object_checksum_sha256: CHECKSUM,
  test_object_raw_get_x_amz_expires_out_max_range: EXPIRES,
  test_object_raw_get_x_amz_expires_out_positive_range: EXPIRES,
  test_object_raw_put_authenticated_expired: EXPIRES,
  test_put_excess_tags:
    'AWS answers BadRequest, ["Object tags cannot be greater than 10"](https://github.com/boto/boto3/issues/1213). The suite: InvalidTag',
}
