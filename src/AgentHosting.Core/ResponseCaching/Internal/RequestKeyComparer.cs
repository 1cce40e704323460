namespace AgentHosting.ResponseCaching.Internal;

/// <summary>Compares request keys, also with bytes that were not copied into one.</summary>
internal sealed class RequestKeyComparer : IEqualityComparer<RequestKey>, IAlternateEqualityComparer<ReadOnlySpan<byte>, RequestKey>
{
    public static RequestKeyComparer Instance { get; } = new();

    public bool Equals(RequestKey? x, RequestKey? y) =>
        ReferenceEquals(x, y) || (x is not null && y is not null && x.Hash == y.Hash && x.Bytes.AsSpan().SequenceEqual(y.Bytes));

    public int GetHashCode(RequestKey obj) => obj.Hash.GetHashCode();

    public bool Equals(ReadOnlySpan<byte> alternate, RequestKey other) => alternate.SequenceEqual(other.Bytes);

    public int GetHashCode(ReadOnlySpan<byte> alternate) => RequestKey.HashOf(alternate).GetHashCode();

    public RequestKey Create(ReadOnlySpan<byte> alternate) => RequestKey.Of(alternate);
}
