using System.Numerics.Tensors;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>The questions that may share answers. Used under a lock.</summary>
internal sealed class SemanticPartition(RequestKey key, int maxEntries)
{
    private readonly List<Entry> _entries = [];

    public RequestKey Key => key;

    public NearAnswer? Find(float[] vector, QuestionFeatures features, double threshold, DateTimeOffset now)
    {
        Entry? best = null;
        var highest = threshold;
        foreach (var entry in _entries)
        {
            if (entry.ExpiresAt <= now || entry.Vector.Length != vector.Length)
            {
                continue;
            }

            var similarity = TensorPrimitives.Dot<float>(vector, entry.Vector);
            if (similarity >= highest && features.MeansTheSame(entry.Features))
            {
                best = entry;
                highest = similarity;
            }
        }

        return best is null ? null : new NearAnswer { Answer = best.Answer, Similarity = Math.Min(highest, 1) };
    }

    /// <summary>Adds a question. Those that mean the same have no other answer from now on.</summary>
    public void Add(float[] vector, QuestionFeatures features, CachedAnswer answer, DateTimeOffset expiresAt, double threshold)
    {
        var entry = new Entry(vector, features, answer, expiresAt);
        _entries.RemoveAll(other => other.Vector.Length == vector.Length
            && TensorPrimitives.Dot<float>(vector, other.Vector) >= threshold
            && features.MeansTheSame(other.Features));
        if (_entries.Count < maxEntries)
        {
            _entries.Add(entry);
            return;
        }

        _entries.RemoveAt(0);
        _entries.Add(entry);
    }

    private sealed record Entry(float[] Vector, QuestionFeatures Features, CachedAnswer Answer, DateTimeOffset ExpiresAt);
}
