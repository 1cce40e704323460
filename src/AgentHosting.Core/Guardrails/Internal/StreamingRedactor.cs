using System.Buffers;

namespace AgentHosting.Guardrails.Internal;

/// <summary>
/// Reads a text in pieces and says up to where it is decided, and what is to be replaced in it. It only ever decides what the characters so far decide, so
/// that the whole is the same for every way of cutting the text. What it keeps is bounded: the longest match and the context before it.
/// </summary>
internal sealed partial class StreamingRedactor(GuardPolicy policy)
{
    private const int MinDrop = 1_024;
    private const int MaxSlice = 4_096;
    private const int MaxJsonNumber = 64;
    private const int MinRescan = 256;
    private static readonly SearchValues<char> LettersAndDigits = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    private readonly List<TextEdit> _edits = [];
    private char[] _text = [];
    private long[] _raw = [];
    private int _length;
    private int _position;
    private int _floor;
    private int _frontier;
    private long _offset;
    private long _escapeStart;
    private bool _isOpen;
    private bool _isJson;
    private JsonTextDecoder _json;
    private TokenScope _scope;
    private int _scanned;
    private long _openFrom;
    private int _used;

    /// <summary>How many characters were appended.</summary>
    public long Total { get; private set; }

    /// <summary>All characters before it are decided.</summary>
    public long Frontier { get; private set; }

    /// <summary>Where an answer is to end; <see langword="null"/> where it goes on.</summary>
    public long? BlockedAt { get; private set; }

    /// <summary>The kind for which it ends.</summary>
    public string? BlockedKind { get; private set; }

    /// <summary>Whether something is to be replaced in what was not released yet.</summary>
    public bool HasEdits => _edits.Count > 0;

    /// <summary>Called with each finding and what is done with it.</summary>
    public Action<string, SensitiveDataAction>? OnFound { get; set; }

    public void Start(bool isJson, in TokenScope scope) => (_isJson, _isMapped, _scope) = (isJson, isJson, scope);

    /// <summary>Appends a piece of the text.</summary>
    public void Append(ReadOnlySpan<char> piece)
    {
        // A long text goes through a small buffer, which stays in the processor's cache.
        while (BlockedAt is null && piece.Length > MaxSlice)
        {
            AppendSlice(piece[..MaxSlice]);
            piece = piece[MaxSlice..];
            Total += BlockedAt is null ? 0 : piece.Length;
        }

        if (BlockedAt is null)
        {
            AppendSlice(piece);
        }
    }

    private void AppendSlice(ReadOnlySpan<char> piece)
    {
        if (!_isMapped && TextFolding.IsNeeded(piece))
        {
            StartMapping();
        }

        Reserve(piece.Length);
        if (_isMapped)
        {
            Decode(piece);
        }
        else
        {
            piece.CopyTo(_text.AsSpan(_length));
            _length += piece.Length;
        }

        Total += piece.Length;
        _used = Math.Max(_used, _length + _waiting);
        // A long key that comes letter by letter would be read again with each of them: letters alone do not end it.
        if (_length - _position < MinRescan || _length - _scanned > (_scanned - _position) / 8 || piece.ContainsAnyExcept(LettersAndDigits))
        {
            Scan(isFinal: false);
            _scanned = _length;
        }
    }

    /// <summary>Ends a text: what comes next is another one.</summary>
    public void Complete()
    {
        if (BlockedAt is not null || (_length + _waiting == 0 && !_json.IsInEscape))
        {
            return;
        }

        TakeWaiting();
        Scan(isFinal: true);
        if (BlockedAt is null)
        {
            Frontier = Total;
            (_offset, _length, _position, _floor, _frontier, _isOpen, _json) = (Total, 0, 0, 0, 0, false, default);
            (_scanned, _isMapped) = (0, _isJson);
        }
    }

    /// <summary>Forgets the edits before a position.</summary>
    public void Release(long position)
    {
        if (_edits.Count == 0)
        {
            return;
        }

        var count = 0;
        while (count < _edits.Count && _edits[count].End <= position)
        {
            count++;
        }

        _edits.RemoveRange(0, count);
    }

    /// <summary>Makes it ready for another answer.</summary>
    public void Reset()
    {
        _edits.Clear();
        // What was sensitive does not stay in memory longer than the call.
        _text.AsSpan(0, _used).Clear();
        _used = 0;
        if (_text.Length > 16_384)
        {
            (_text, _raw) = ([], []);
        }

        (_length, _position, _floor, _frontier, _offset, _isOpen, _json) = (0, 0, 0, 0, 0, false, default);
        (Total, Frontier, BlockedAt, BlockedKind, OnFound, _scope) = (0, 0, null, null, null, default);
        (_scanned, _isMapped, _waiting, _backslashes) = (0, _isJson, 0, 0);
    }

    /// <summary>Writes a part of the text as it may be seen.</summary>
    /// <param name="raw">The part as it came.</param>
    /// <param name="start">Its position.</param>
    /// <returns><see langword="null"/> where nothing in it is replaced.</returns>
    public string? Render(ReadOnlySpan<char> raw, long start)
    {
        var end = start + raw.Length;
        System.Text.StringBuilder? result = null;
        var at = start;
        foreach (var edit in _edits)
        {
            if (edit.End <= start || edit.Start >= end)
            {
                continue;
            }

            result ??= new System.Text.StringBuilder();
            if (edit.Start >= at)
            {
                result.Append(raw[(int)(at - start)..(int)(edit.Start - start)]);
            }

            if (edit.Start >= start)
            {
                result.Append(edit.Replacement);
            }

            at = Math.Min(end, edit.End);
            if (edit.Blocks)
            {
                return result.ToString();
            }
        }

        return result?.Append(raw[(int)(at - start)..]).ToString();
    }

    private void Scan(bool isFinal)
    {
        var text = _text.AsSpan(0, _length);
        while (true)
        {
            if (_isOpen && !TrySwallow(text))
            {
                break;
            }

            var start = _position;
            var result = policy.Scanner.Next(text, ref _position, _floor, isFinal, out var finding);
            if (result == MatchResult.Found && _isJson && !TryFitJson(text, ref finding, isFinal))
            {
                // The finding is decided once the number around it has ended.
                (_position, result) = (start, MatchResult.NeedMore);
                _frontier = Math.Max(_frontier, Math.Min(TextClasses.RunStart(text, finding.Start, _floor), finding.Start));
                break;
            }

            if (result != MatchResult.Found)
            {
                _frontier = isFinal ? _length : TextClasses.RunStart(text, _position, _floor);
                break;
            }

            Accept(text, finding);
            if (BlockedAt is not null)
            {
                return;
            }
        }

        Frontier = StartOf(_frontier);
    }

    private void Accept(ReadOnlySpan<char> text, Finding finding)
    {
        var value = text[finding.Start..finding.End];
        var action = policy.Replacements.ActionOf(finding.Kind, value);
        (_position, _floor, _frontier, _isOpen) = (finding.End, finding.End, finding.End, finding.IsOpen && action != SensitiveDataAction.Allow);
        // A token for the first part of a secret would bring back that part only.
        action = action == SensitiveDataAction.Tokenize && finding.IsOpen ? SensitiveDataAction.Redact : action;
        OnFound?.Invoke(finding.Kind, action);
        if (action == SensitiveDataAction.Allow)
        {
            return;
        }

        var isBare = _isJson && !IsInString(finding.Start);
        var replacement = policy.Replacements.Write(action, finding.Kind, value, _scope, _isJson);
        var start = StartOf(finding.Start);
        _openFrom = finding.IsOpen ? StartOf(finding.End) : EndOf(finding.End - 1);
        _edits.Add(new TextEdit(start, _openFrom, isBare ? $"\"{replacement}\"" : replacement, action == SensitiveDataAction.Block));
        if (action == SensitiveDataAction.Block)
        {
            (BlockedAt, BlockedKind, Frontier) = (start, finding.Kind, start);
        }
    }

    // A secret that is longer than what is looked at: the rest of it goes too.
    private bool TrySwallow(ReadOnlySpan<char> text)
    {
        var rest = text[_position..];
        var length = rest.IndexOfAnyExcept(TextClasses.SecretTail);
        var end = length < 0 ? text.Length : _position + length;
        var rawEnd = StartOf(end);
        if (rawEnd > _openFrom)
        {
            _edits.Add(new TextEdit(_openFrom, rawEnd, string.Empty));
            (_position, _floor, _frontier, _openFrom) = (end, end, end, rawEnd);
        }

        _isOpen = length < 0;
        return !_isOpen;
    }

    // A number that stands for itself in JSON is replaced as a whole, by a string.
    private bool TryFitJson(ReadOnlySpan<char> text, ref Finding finding, bool isFinal)
    {
        if (IsInString(finding.Start))
        {
            return true;
        }

        var (start, end) = (finding.Start, finding.End);
        start -= start > _floor && text[start - 1] == '-' ? 1 : 0;
        while (end < text.Length && end - finding.End < MaxJsonNumber && (char.IsAsciiDigit(text[end]) || text[end] is '.' or 'e' or 'E' or '+' or '-'))
        {
            end++;
        }

        finding = finding with { Start = start, End = end };
        return end < text.Length || isFinal;
    }

    private bool IsInString(int index) => (_raw[index] & 1) != 0;

    private void Decode(ReadOnlySpan<char> piece)
    {
        for (var i = 0; i < piece.Length; i++)
        {
            if (!_json.IsInEscape)
            {
                _escapeStart = Total + i;
            }

            if (!_isJson)
            {
                Read(piece[i], _escapeStart, 1, isInString: false);
            }
            else if (_json.TryDecode(piece[i], out var decoded))
            {
                Read(decoded, _escapeStart, Total + i + 1 - _escapeStart, _json.IsInString);
            }
        }
    }

    private void Reserve(int count)
    {
        var unused = _frontier - policy.Scanner.MaxContext - TextClasses.MaxRun;
        if (unused >= MinDrop)
        {
            Array.Copy(_text, unused, _text, 0, _length + _waiting - unused);
            if (_isMapped)
            {
                Array.Copy(_raw, unused, _raw, 0, _length + _waiting - unused);
            }

            _offset += unused;
            _length -= unused;
            _position -= unused;
            _scanned = Math.Max(0, _scanned - unused);
            _frontier -= unused;
            _floor = Math.Max(0, _floor - unused);
        }

        if (_length + _waiting + count > _text.Length)
        {
            Array.Resize(ref _text, Math.Max(512, Math.Max(_length + _waiting + count, _text.Length * 2)));
        }

        if (_isMapped && _raw.Length < _text.Length)
        {
            Array.Resize(ref _raw, _text.Length);
        }
    }
}
