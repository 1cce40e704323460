namespace AgentHosting;

/// <summary>Finds the name that was meant by a misspelt one.</summary>
internal static class NearestName
{
    /// <returns>The name to which the fewest letters lead, or <see langword="null"/> when none is near.</returns>
    public static string? Of(string word, IEnumerable<string> names)
    {
        var (nearest, distance) = names.Select(name => (Name: name, Distance: Distance(word.ToUpperInvariant(), name.ToUpperInvariant())))
            .OrderBy(static one => one.Distance).ThenBy(static one => one.Name, StringComparer.Ordinal)
            .FirstOrDefault();

        // Of a short word every other one would be near.
        return nearest is not null && distance <= Math.Max(1, word.Length / 2) ? nearest : null;
    }

    // Letters to add, remove or change (Levenshtein), in one row.
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 0; i < from.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 0; j < to.Length; j++)
            {
                var changed = diagonal + (from[i] == to[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(changed, Math.Min(diagonal, row[j]) + 1);
            }
        }

        return row[^1];
    }
}
