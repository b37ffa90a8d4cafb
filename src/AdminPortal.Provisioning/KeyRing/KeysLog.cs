using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.KeyRing;

internal static partial class KeysLog
{
    [LoggerMessage(1, LogLevel.Warning, "The key ring has changed, and {Count} keys of it do not open here: the portal goes on with the ring as it was. Give this process the certificate that wraps the keys now (Portal:KeyRing:CertificatePath).")]
    public static partial void RingNotTaken(ILogger logger, int count);

    [LoggerMessage(2, LogLevel.Error, "The key ring could not be read; it is looked at again in a moment.")]
    public static partial void RingNotRead(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Information, "Rotation {RotationId} goes on: pass {Pass}, {Resealed} values are sealed anew.")]
    public static partial void Claimed(ILogger logger, Guid rotationId, int pass, long resealed);

    [LoggerMessage(4, LogLevel.Information, "Rotation {RotationId} is done: {Resealed} values are sealed with key {KeyId}, {Unreadable} do not open.")]
    public static partial void Done(ILogger logger, Guid rotationId, long resealed, Guid keyId, long unreadable);
}
