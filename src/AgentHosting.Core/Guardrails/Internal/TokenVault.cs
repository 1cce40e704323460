using System.Globalization;

namespace AgentHosting.Guardrails.Internal;

/// <summary>
/// Which token stands for which value, by session, in the memory of the process. Bounded: the session that was used longest ago is forgotten first, after
/// which its tokens stay as they are. A number that was seen is not given again (<see cref="Reserve"/>), so that a forgotten token never means another value.
/// </summary>
internal sealed class TokenVault
{
    public const int MaxNumber = 999_999;
    private readonly int _maxScopes;
    private readonly int _maxTokens;
    private readonly long _maxLength;
    private readonly Lock _lock = new();
    private readonly Dictionary<TokenScope, LinkedListNode<Scope>> _scopes = [];
    private readonly LinkedList<Scope> _byUse = new();
    private long _length;

    public TokenVault()
        : this(maxScopes: 10_000, maxTokens: 1_000, maxLength: 16 << 20)
    {
    }

    /// <param name="maxScopes">How many sessions are remembered.</param>
    /// <param name="maxTokens">How many tokens a session may have; what is found after them is redacted.</param>
    /// <param name="maxLength">How many characters the values of all sessions may have.</param>
    public TokenVault(int maxScopes, int maxTokens, long maxLength) => (_maxScopes, _maxTokens, _maxLength) = (maxScopes, maxTokens, maxLength);

    /// <summary>The token of a value.</summary>
    /// <param name="scope">The session.</param>
    /// <param name="kind">The kind of the value.</param>
    /// <param name="normal">What all forms of the value have in common.</param>
    /// <param name="value">The value.</param>
    /// <returns><see langword="null"/> where the session has too many.</returns>
    public string? TokenOf(in TokenScope scope, string kind, string normal, string value)
    {
        lock (_lock)
        {
            var tokens = Use(scope);
            if (tokens.Tokens.TryGetValue((kind, normal), out var token))
            {
                return token;
            }

            var number = tokens.Numbers.GetValueOrDefault(kind) + 1;
            if (tokens.Tokens.Count >= _maxTokens || number > MaxNumber || tokens.Length + value.Length > _maxLength)
            {
                return null;
            }

            token = string.Create(CultureInfo.InvariantCulture, $"<{kind}_{number}>");
            tokens.Numbers[kind] = number;
            tokens.Tokens[(kind, normal)] = token;
            tokens.Values[token] = value;
            tokens.Length += value.Length;
            _length += value.Length;
            Trim();
            return token;
        }
    }

    /// <summary>The value of a token.</summary>
    public string? ValueOf(in TokenScope scope, ReadOnlySpan<char> token)
    {
        lock (_lock)
        {
            return _scopes.ContainsKey(scope) && Use(scope).Values.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out var value) ? value : null;
        }
    }

    /// <summary>Keeps the session from giving a number that stands in its texts already: of another process, or of before the session was forgotten.</summary>
    public void Reserve(in TokenScope scope, string kind, int number)
    {
        lock (_lock)
        {
            var numbers = Use(scope).Numbers;
            numbers[kind] = Math.Max(numbers.GetValueOrDefault(kind), number);
            Trim();
        }
    }

    private Scope Use(in TokenScope scope)
    {
        if (_scopes.TryGetValue(scope, out var node))
        {
            _byUse.Remove(node);
        }
        else
        {
            node = _scopes[scope] = new LinkedListNode<Scope>(new Scope(scope));
        }

        _byUse.AddLast(node);
        return node.Value;
    }

    private void Trim()
    {
        while (_byUse.Count > 1 && (_byUse.Count > _maxScopes || _length > _maxLength))
        {
            var oldest = _byUse.First!.Value;
            _byUse.RemoveFirst();
            _scopes.Remove(oldest.Key);
            _length -= oldest.Length;
        }
    }

    private sealed class Scope(TokenScope key)
    {
        public TokenScope Key => key;

        public Dictionary<(string Kind, string Normal), string> Tokens { get; } = [];

        public Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, int> Numbers { get; } = new(StringComparer.Ordinal);

        public long Length { get; set; }
    }
}
