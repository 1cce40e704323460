using System.Numerics.Tensors;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ResponseCaching.Internal;

/// <summary>The questions that were answered, in partitions that never mix, bounded in number.</summary>
internal sealed partial class SemanticAnswers
{
    private readonly SemanticCacheOptions _options;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _embeddings;
    private readonly ResponseCacheMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<RequestKey, LinkedListNode<SemanticPartition>> _partitions = new(RequestKeyComparer.Instance);
    private readonly LinkedList<SemanticPartition> _order = new();
    private bool _isOut;

    public SemanticAnswers(SemanticCacheOptions options, ResponseCacheServices services, ResponseCacheMetrics metrics)
    {
        _options = options;
        _embeddings = services.Embeddings ?? throw new InvalidOperationException(
            "The semantic cache is enabled, and there is no IEmbeddingGenerator<string, Embedding<float>>. Register one with services.AddEmbeddingGenerator(...), or pass it to UseResponseCache.");
        _metrics = metrics;
        _time = services.Time;
        _logger = services.Logger;
    }

    public int PartitionCount
    {
        get
        {
            lock (_gate)
            {
                return _partitions.Count;
            }
        }
    }

    /// <summary>The questions held.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _partitions.Values.Sum(static node => node.Value.Count);
            }
        }
    }

    /// <summary>Finds the nearest answered question that means the same.</summary>
    public async ValueTask<NearAnswer?> FindAsync(SemanticQuestion question, CancellationToken cancellationToken)
    {
        await EmbedAsync(question, cancellationToken);
        if (question.Vector is not { } vector)
        {
            return null;
        }

        var now = _time.GetUtcNow();
        lock (_gate)
        {
            return _partitions.TryGetValue(question.Partition, out var node)
                ? Touch(node).Find(vector, question.Features, _options.Threshold, now)
                : null;
        }
    }

    /// <summary>Asks for the embedding of a question. It stays without one when the generator fails.</summary>
    public async ValueTask EmbedAsync(SemanticQuestion question, CancellationToken cancellationToken) =>
        question.Vector ??= await VectorOfAsync(question.Text, cancellationToken);

    /// <summary>Keeps a question for those who ask the same in other words. Without an embedding there is nothing to find it by.</summary>
    public void Add(SemanticQuestion question, RequestKey answer, DateTimeOffset expiresAt)
    {
        if (question.Vector is not { } vector)
        {
            return;
        }

        lock (_gate)
        {
            if (!_partitions.TryGetValue(question.Partition, out var node))
            {
                node = _order.AddFirst(new SemanticPartition(question.Partition, _options.MaxEntriesPerPartition));
                _partitions.Add(question.Partition, node);
                if (_partitions.Count > _options.MaxPartitions)
                {
                    _partitions.Remove(_order.Last!.Value.Key);
                    _order.RemoveLast();
                }
            }

            Touch(node).Add(question, vector, answer, expiresAt, _options.Threshold);
        }
    }

    /// <summary>Takes a question out whose answer is no longer kept.</summary>
    public void Remove(SemanticQuestion question)
    {
        lock (_gate)
        {
            if (!_partitions.TryGetValue(question.Partition, out var node))
            {
                return;
            }

            node.Value.Remove(question);
            if (node.Value.Count == 0)
            {
                _partitions.Remove(question.Partition);
                _order.Remove(node);
            }
        }
    }

    private SemanticPartition Touch(LinkedListNode<SemanticPartition> node)
    {
        _order.Remove(node);
        _order.AddFirst(node);
        return node.Value;
    }

    private async ValueTask<float[]?> VectorOfAsync(string text, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<GeneratedEmbeddings<Embedding<float>>>? task = null;
        try
        {
            task = _embeddings.GenerateAsync([text], cancellationToken: patience.Token);
            var result = await task.WaitAsync(_options.EmbeddingTimeout, _time, cancellationToken);
            Recovered();
            return Normalized(result[0].Vector.Span);
        }
        catch (Exception exception)
        {
            // The generator is told to stop, also when the caller has left, since the link to its token may go before it is used.
            // What becomes of the late embedding must not end up unobserved.
            _ = task?.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            CancellationFault.Observe(patience.CancelAsync());
            if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            Failed(exception);
            return null;
        }
    }

    private static float[]? Normalized(ReadOnlySpan<float> vector)
    {
        var length = TensorPrimitives.Norm(vector);
        if (!(length > 0) || !float.IsFinite(length))
        {
            return null;
        }

        var unit = new float[vector.Length];
        TensorPrimitives.Divide(vector, length, unit);
        return unit;
    }

    private void Failed(Exception exception)
    {
        _metrics.Failed();
        if (!Interlocked.Exchange(ref _isOut, true))
        {
            LogEmbeddingFailed(exception);
        }
    }

    private void Recovered()
    {
        if (Volatile.Read(ref _isOut) && Interlocked.Exchange(ref _isOut, false))
        {
            LogEmbeddingRecovered();
        }
    }
}
