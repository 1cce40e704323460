using System.Globalization;
using Microsoft.Extensions.AI;

namespace AgentHosting.Mcp.Internal;

/// <summary>Counts the images, sounds and files of one result, which are bounded together: in bytes, and in number, since an empty one is kept too.</summary>
internal sealed class McpAttachments(int maxBytes)
{
    private long _bytes;
    private int _taken;
    private int _leftOut;
    private long _bytesLeftOut;

    /// <summary>What the model is told of those that were left out.</summary>
    public string? Note => _leftOut == 0 ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"[{_leftOut:N0} attachments with {_bytesLeftOut:N0} bytes were left out; at most {McpDefaults.MaxAttachments} with {maxBytes:N0} bytes together are taken.]");

    /// <returns>Whether there is room for it.</returns>
    public bool Take(DataContent data)
    {
        if (_taken < McpDefaults.MaxAttachments && _bytes + data.Data.Length <= maxBytes)
        {
            _taken++;
            _bytes += data.Data.Length;
            return true;
        }

        _leftOut++;
        _bytesLeftOut += data.Data.Length;
        return false;
    }
}
