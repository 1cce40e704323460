using Microsoft.Extensions.AI;

namespace AgentHosting.Guardrails.Internal;

/// <summary>Citations quote texts of their own, which are filtered like the answer; where its text has changed they say no longer where in it they stand.</summary>
internal sealed class AnnotationFilter(GuardPolicy policy)
{
    private readonly StreamingRedactor _text = new(policy);
    private TokenScope _scope;

    public void Start(in TokenScope scope) => _scope = scope;

    /// <summary>Whether there is something that is filtered apart from the text.</summary>
    public static bool HasAny(IList<AIContent> contents)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i].Annotations is { Count: > 0 } || contents[i] is ErrorContent)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether an annotation of it holds something to replace.</summary>
    public bool ChangesAny(AIContent content) => content.Annotations is { Count: > 0 } annotations && Changes(annotations);

    private bool Changes(IList<AIAnnotation> annotations) => annotations.Any(annotation => annotation is CitationAnnotation citation
        && (!ReferenceEquals(Filter(citation.Snippet), citation.Snippet) || !ReferenceEquals(Filter(citation.Title), citation.Title) || IsSensitive(citation.Url)
            || !ReferenceEquals(Filter(citation.AdditionalProperties), citation.AdditionalProperties)));

    /// <summary>A failure that may be seen: providers quote keys and what was sent in theirs.</summary>
    /// <returns>The same instance where nothing is replaced.</returns>
    public ErrorContent Filter(ErrorContent error)
    {
        var (message, details) = (Filter(error.Message), Filter(error.Details));
        return ReferenceEquals(message, error.Message) && ReferenceEquals(details, error.Details)
            ? error
            : new ErrorContent(message) { ErrorCode = error.ErrorCode, Details = details, AdditionalProperties = error.AdditionalProperties };
    }

    /// <summary>Annotations that may be seen.</summary>
    /// <param name="annotations">As they came.</param>
    /// <param name="isTextChanged">Whether the text they belong to has changed.</param>
    public List<AIAnnotation> Filter(IList<AIAnnotation> annotations, bool isTextChanged)
    {
        var kept = new List<AIAnnotation>(annotations.Count);
        foreach (var annotation in annotations)
        {
            // Of other types nobody knows what they quote.
            if (annotation is CitationAnnotation citation)
            {
                kept.Add(new CitationAnnotation
                {
                    Title = Filter(citation.Title),
                    Snippet = Filter(citation.Snippet),
                    Url = IsSensitive(citation.Url) ? null : citation.Url,
                    FileId = citation.FileId,
                    ToolName = citation.ToolName,
                    AnnotatedRegions = isTextChanged ? null : citation.AnnotatedRegions,
                    AdditionalProperties = Filter(citation.AdditionalProperties),
                });
            }
            else if (!isTextChanged)
            {
                kept.Add(annotation);
            }
        }

        return kept;
    }

    // Text is filtered; of other values those that hold something are left out.
    private AdditionalPropertiesDictionary? Filter(AdditionalPropertiesDictionary? properties)
    {
        AdditionalPropertiesDictionary? copy = null;
        foreach (var (name, value) in properties ?? [])
        {
            var text = value as string ?? value?.ToString();
            var shown = Filter(text);
            if (ReferenceEquals(shown, text))
            {
                continue;
            }

            copy ??= properties!.Clone();
            if (value is string)
            {
                copy[name] = shown;
            }
            else
            {
                copy.Remove(name);
            }
        }

        return copy ?? properties;
    }

    private bool IsSensitive(Uri? url) => url is not null && !ReferenceEquals(Filter(url.OriginalString), url.OriginalString);

    private string? Filter(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return text;
        }

        _text.Start(isJson: false, _scope);
        _text.Append(text);
        _text.Complete();
        var shown = !_text.HasEdits ? text : _text.Render(text, 0) ?? text;
        _text.Reset();
        return shown;
    }
}
