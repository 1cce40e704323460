namespace AgentHosting.Routing.Evaluation;

/// <summary>Splits samples so that no subject is in two folds and the folds are about as large.</summary>
public static class SubjectFolds
{
    /// <summary>The fold of each sample.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="folds">How many folds.</param>
    /// <param name="seed">The seed that shuffles the subjects.</param>
    /// <returns>Numbers from 0.</returns>
    public static int[] Of(IReadOnlyList<RoutingSample> samples, int folds, int seed)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var random = new Random(seed);
        var sizes = new int[folds];
        var foldOf = new Dictionary<string, int>(StringComparer.Ordinal);
        var subjects = samples.GroupBy(sample => sample.Subject).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, Size: group.Count(), Lot: random.Next())).OrderBy(subject => subject.Lot).ToArray();

        // The large ones first, since they could no longer be evened out at the end.
        var large = samples.Count / (folds * 6);
        foreach (var (subject, size, _) in subjects.OrderByDescending(subject => subject.Size > large ? subject.Size : 0))
        {
            var smallest = Array.IndexOf(sizes, sizes.Min());
            foldOf[subject] = smallest;
            sizes[smallest] += size;
        }

        return [.. samples.Select(sample => foldOf[sample.Subject])];
    }
}
