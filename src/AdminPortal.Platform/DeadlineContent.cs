using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;

namespace AdminPortal.Platform;

/// <summary>A request body that is withheld when its deadline is past at the moment at which it would be sent.</summary>
/// <remarks>
/// <see cref="SocketsHttpHandler"/> asks for the body when the connection is established, TLS included. Request line and
/// headers are in its write buffer then, or were sent where they do not fit. They announce the length of a body that never
/// comes: the handler closes the connection, and the platform has no complete request that it could carry out.
/// </remarks>
internal sealed class DeadlineContent : HttpContent
{
    private readonly byte[] _body;
    private readonly SendDeadline _deadline;

    /// <param name="json">The body.</param>
    /// <param name="deadline">When it may be sent at the latest.</param>
    public DeadlineContent(byte[] json, SendDeadline deadline)
    {
        _body = json;
        _deadline = deadline;
        Headers.ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json);
    }

    /// <summary>Whether the body was withheld: the platform cannot have carried out the request.</summary>
    public bool IsWithheld { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!_deadline.IsPast) return stream.WriteAsync(_body, cancellationToken).AsTask();
        IsWithheld = true;
        throw new SendDeadlinePassedException();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}

/// <summary>The time in which the request could be sent was over before its body was; nothing was carried out.</summary>
internal sealed class SendDeadlinePassedException() : Exception("The request was not sent: too much time had passed since it was claimed.");
