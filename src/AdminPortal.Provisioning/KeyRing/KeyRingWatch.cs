using AdminPortal.Domain;
using AdminPortal.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AdminPortal.Provisioning.KeyRing;

/// <summary>Sees to it that a key which another process made, or wrapped anew, is used here within seconds.</summary>
internal sealed class KeyRingWatch(PortalKeyRing ring, TimeProvider clock, ILogger<KeyRingWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly TroubleLog _looks = new(logger);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await clock.WaitAsync(Every, stoppingToken).ConfigureAwait(false);
            if (stoppingToken.IsCancellationRequested) return;
            try
            {
                _ = ring.RefreshIfChanged();
                _looks.Succeeded();
            }
#pragma warning disable CA1031 // A database that is locked or full for a moment must not end the watch.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                // Who cannot read the ring cannot write a value either: nothing is sealed with an old key meanwhile.
                if (_looks.IsNew(exception)) KeysLog.RingNotRead(logger, exception);
            }
        }
    }
}
