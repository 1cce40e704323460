using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

namespace AgentHosting.Guardrails.Internal;

/// <summary>What is written in the place of a finding.</summary>
internal sealed class ReplacementWriter
{
    private readonly Dictionary<string, SensitiveDataAction> _actions;
    private readonly SensitiveDataAction _otherwise;
    private readonly HashSet<string> _allowed;
    private readonly byte[] _key;
    private readonly int _kept;
    private readonly TokenVault _vault;

    public ReplacementWriter(OutputGuardOptions options, TokenVault vault)
    {
        _vault = vault;
        _actions = new Dictionary<string, SensitiveDataAction>(options.Actions, StringComparer.OrdinalIgnoreCase);
        _otherwise = options.DefaultAction;
        _allowed = new HashSet<string>(options.AllowedValues, StringComparer.OrdinalIgnoreCase);
        _key = Encoding.UTF8.GetBytes(options.HashKey ?? string.Empty);
        _kept = options.MaskKeep;
    }

    public SensitiveDataAction ActionOf(string kind, ReadOnlySpan<char> value) =>
        _allowed.Count > 0 && _allowed.GetAlternateLookup<ReadOnlySpan<char>>().Contains(value) ? SensitiveDataAction.Allow : _actions.GetValueOrDefault(kind, _otherwise);

    public string Write(SensitiveDataAction action, string kind, ReadOnlySpan<char> value, in TokenScope scope, bool isJson)
    {
        var text = action switch
        {
            SensitiveDataAction.Mask => Mask(value),
            SensitiveDataAction.Hash => $"[{kind}:{Hash(kind, value, scope.Tenant)}]",
            SensitiveDataAction.Tokenize => Tokenize(kind, value, scope),
            SensitiveDataAction.Block => string.Empty,
            _ => $"[{kind}]",
        };
        return isJson ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text) : text;
    }

    private string Mask(ReadOnlySpan<char> value)
    {
        // What is short is not shown by half.
        var kept = value.Length >= _kept * 2 ? _kept : 0;
        var masked = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            masked.Append(i >= value.Length - kept || (value.Length <= 64 && value[i] is ' ' or '-' or '@') ? value[i] : '*');
            if (i == 64 && value.Length - kept > 64)
            {
                i = value.Length - kept - 1;
            }
        }

        return masked.Replace(TextClasses.EscapedQuote, '"').ToString();
    }

    private string Tokenize(string kind, ReadOnlySpan<char> value, in TokenScope scope) =>
        (scope.IsKnown ? _vault.TokenOf(scope, kind, Normal(kind, value), value.ToString().Replace(TextClasses.EscapedQuote, '"')) : null) ?? $"[{kind}]";

    // The forms of one value have one hash and one token: a card with and without spaces, an address in capitals.
    [SuppressMessage("Globalization", "CA1308", Justification = "Not shown to anybody.")]
    private static string Normal(string kind, ReadOnlySpan<char> value)
    {
        var normal = new StringBuilder(value.Length);
        var isCaseSensitive = kind is not (SensitiveDataKinds.Email or SensitiveDataKinds.Iban or SensitiveDataKinds.NationalId or SensitiveDataKinds.IpAddress);
        var isNumber = kind is SensitiveDataKinds.Card or SensitiveDataKinds.Phone or SensitiveDataKinds.Iban or SensitiveDataKinds.NationalId;
        foreach (var one in value)
        {
            if (!isNumber || char.IsLetterOrDigit(one) || one == '+')
            {
                normal.Append(isCaseSensitive ? one : char.ToLowerInvariant(one));
            }
        }

        return normal.ToString();
    }

    private string Hash(string kind, ReadOnlySpan<char> value, string? tenant)
    {
        var normal = $"{tenant}\0{kind}\0{Normal(kind, value)}";
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(normal.Length));
        var length = Encoding.UTF8.GetBytes(normal, bytes);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, bytes.AsSpan(0, length), hash);
        ArrayPool<byte>.Shared.Return(bytes, clearArray: true);
        return Convert.ToHexStringLower(hash[..8]);
    }
}
