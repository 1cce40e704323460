using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using AgentHosting.SpendLedgers;

namespace AgentHosting.Redis.SpendLedgers.Internal;

/// <summary>The limits of this process by their text, so that what is told names the object that the caller gave.</summary>
internal sealed class SpendLimitTexts
{
    // Caps that change with every request would pile up without a bound.
    private const int Most = 1024;
    private readonly ConditionalWeakTable<SpendLimit, SpendLimitText> _texts = [];
    private readonly ConcurrentDictionary<string, SpendLimit> _limits = new(StringComparer.Ordinal);

    public SpendLimitText Of(SpendLimit limit)
    {
        if (!_texts.TryGetValue(limit, out var text))
        {
            text = _texts.GetValue(limit, static limit => new SpendLimitText(limit));
            if (limit.AlertRatios.Count > 0)
            {
                if (_limits.Count >= Most)
                {
                    _limits.Clear();
                }

                _limits[text.Name] = limit;
            }
        }

        return text;
    }

    public SpendLimit Of(string name) => _limits.TryGetValue(name, out var limit) ? limit : SpendLimitText.Parse(name);
}
