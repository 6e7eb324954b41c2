# Writes the Parquet files beside it, by which the reader is tested against another writer: pyarrow 26.0.1.
import decimal, pyarrow as pa, pyarrow.parquet as pq
n = 5
table = pa.table({
    'age': pa.array([31.5, -2.0, 0.1, 1e300, 7.0]),
    'bmi': pa.array([1.5, 2.25, -3.0, 0.1, 4.0], pa.float32()),
    'half': pa.array([0.5, -1.5, 65504.0, 6e-8, 0.0], pa.float16()),
    'small': pa.array([-128, 127, 0, 1, 2], pa.int8()),
    'unsigned': pa.array([4294967295, 0, 1, 2, 3], pa.uint32()),
    'long': pa.array([2**53 - 1, -(2**53 - 1), 0, 1, 2], pa.int64()),
    'longest': pa.array([1, 2, 2**53 + 1, 3, 4], pa.int64()),
    'unsigned_long': pa.array([2**64 - 1, 0, 1, 2, 3], pa.uint64()),
    'sick': pa.array([True, False, False, True, True]),
    'price': pa.array([decimal.Decimal(x) for x in ['0.57', '-12.30', '0.07', '99999999.99', '1.10']], pa.decimal128(10, 2)),
    'species': pa.array(['virginica', 'iris', 'setosa', 'iris', 'äther']),
    'kind': pa.array(['b', 'a', 'b', 'a', 'b']).dictionary_encode(),
    'gaps': pa.array([1.0, None, 3.0, None, 5.0]),
    'words_with_gaps': pa.array(['a', 'b', None, 'a', 'b']),
    'numerals': pa.array(['10', '9', '8', '7', '6']),
    'nan': pa.array([1.0, 2.0, float('nan'), 4.0, float('inf')]),
    'day': pa.array([0, 1, 2, 3, 4], pa.int32()).cast(pa.date32()),
    'time': pa.array([0, 1, 2, 3, 4], pa.int64()).cast(pa.timestamp('us')),
    'raw': pa.array([b'a', b'b', b'c', b'd', b'e']),
    'list': pa.array([[1.0, 2.0]] * n),
    'group': pa.array([{'x': 1.0, 'y': 2.0}] * n),
    'last': pa.array([5, 4, 3, 2, 1], pa.int16()),
    '__index_level_0__': pa.array([3, 1, 4, 1, 5], pa.int64()),
})
# Two row groups, both versions of pages, and every codec.
for name, options in {
    'plain': dict(compression='none', use_dictionary=False),
    'snappy': dict(compression='snappy', row_group_size=3),
    'gzip': dict(compression='gzip', data_page_version='2.0', row_group_size=2),
    'zstd': dict(compression='zstd', store_decimal_as_integer=True),
    'brotli': dict(compression='brotli'),
    'lz4': dict(compression='lz4'),
}.items():
    columns = ['age'] if name in ('brotli', 'lz4') else table.column_names
    pq.write_table(table.select(columns), f'{name}.parquet', write_statistics=False, store_schema=False, **options)
