using System.Numerics.Tensors;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>The questions that may share answers. Used under a lock. The answers themselves are in <see cref="AnswerMemory"/>, which bounds them in bytes.</summary>
internal sealed class SemanticPartition(RequestKey key, int maxEntries)
{
    private readonly List<Entry> _entries = [];

    public RequestKey Key => key;

    public int Count => _entries.Count;

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
            if (similarity >= highest && features.MeansTheSame(entry.Question.Features))
            {
                best = entry;
                highest = similarity;
            }
        }

        return best is null ? null : new NearAnswer { Key = best.Key, Similarity = Math.Min(highest, 1) };
    }

    /// <summary>Adds a question. Those that mean the same have no other answer from now on.</summary>
    public void Add(SemanticQuestion question, float[] vector, RequestKey answer, DateTimeOffset expiresAt, double threshold)
    {
        _entries.RemoveAll(other => other.Vector.Length == vector.Length
            && TensorPrimitives.Dot<float>(vector, other.Vector) >= threshold
            && question.Features.MeansTheSame(other.Question.Features));
        if (_entries.Count >= maxEntries)
        {
            _entries.RemoveAt(0);
        }

        _entries.Add(new Entry(question, vector, answer, expiresAt));
    }

    public void Remove(SemanticQuestion question) => _entries.RemoveAll(entry => ReferenceEquals(entry.Question, question));

    private sealed record Entry(SemanticQuestion Question, float[] Vector, RequestKey Key, DateTimeOffset ExpiresAt);
}
