//! A server that says what it is told to, and is nowhere: for trying what answers do.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};

/// In place of a network.
#[derive(Clone, Debug)]
pub(crate) struct Hearing {
    /// What every request is answered.
    pub(crate) said: Arc<[u8]>,
    /// So many bytes come at a time.
    pub(crate) step: usize,
}

impl Connector for Hearing {
    type Out = Heard;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let config = details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Heard { hearing: self.clone(), at: 0, buffers }))
    }
}

impl Resolver for Hearing {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        addresses.push(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)));
        Ok(addresses)
    }
}

/// One conversation.
#[derive(Debug)]
pub(crate) struct Heard {
    hearing: Hearing,
    /// How many bytes have come.
    at: usize,
    buffers: LazyBuffers,
}

impl Transport for Heard {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let rest = self.hearing.said.get(self.at..).unwrap_or_default();
        let room = self.buffers.input_append_buf();
        let bytes = rest.len().min(room.len()).min(self.hearing.step);
        for (to, from) in room.iter_mut().zip(rest).take(bytes) {
            *to = *from;
        }
        self.buffers.input_appended(bytes);
        self.at += bytes;
        Ok(bytes > 0)
    }

    fn is_open(&mut self) -> bool {
        self.at < self.hearing.said.len()
    }
}
